"""Lines for people."""

from collections.abc import Iterator

from ..comparison import Comparison, ConfigurationChange


def render(comparison: Comparison) -> str:
    """Return a section for each configuration, and one for the API."""
    lines = [
        f"{comparison.before.ref} ({comparison.before.commit[:12]}) -> "
        f"{comparison.after.ref} ({comparison.after.commit[:12]})"
    ]
    for configuration in comparison.configurations:
        lines += ["", configuration.name, *_configuration(configuration)]
    lines += ["", f"API: {len(comparison.api)} changes"]
    for found in comparison.api:
        change = found.change
        mark = ", breaking" if change.breaking else ""
        lines.append(f"  {change.surface}: {change.name} {change.kind}{mark}")
        lines += [f"    - {change.before}"] if change.before else []
        lines += [f"    + {change.after}"] if change.after else []
        lines += [f"      {d.kind} {d.about}".rstrip() for d in change.details]
        if found.recipes:
            lines.append(f"      migrated by: {', '.join(found.recipes)}")
    return "\n".join(lines)


def _configuration(configuration: ConfigurationChange) -> Iterator[str]:
    if not configuration:
        yield "  nothing changed"
    before, after = configuration.standard
    if before != after:
        yield f"  standard: {before or 'none'} -> {after or 'none'}"
    for items in configuration.items:
        if items:
            yield f"  {items.title}: +{len(items.added)} -{len(items.removed)}"
            yield from (f"    + {item}" for item in items.added)
            yield from (f"    - {item}" for item in items.removed)
