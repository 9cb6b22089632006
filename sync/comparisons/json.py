"""One JSON document, for scripts."""

import json
from dataclasses import asdict
from typing import Any

from ..comparison import ApiChange, Comparison, ConfigurationChange


def render(comparison: Comparison) -> str:
    """Return the revisions, the configurations by name and the API's changes."""
    document = {
        "before": _revision(comparison.before.ref, comparison.before.commit),
        "after": _revision(comparison.after.ref, comparison.after.commit),
        "configs": {c.name: _configuration(c) for c in comparison.configurations},
        "api": [_api(found) for found in comparison.api],
    }
    return json.dumps(document, indent=2)


def _revision(ref: str, commit: str) -> dict[str, str]:
    return {"ref": ref, "commit": commit}


def _configuration(configuration: ConfigurationChange) -> dict[str, Any]:
    before, after = configuration.standard
    return {
        "standard": {"before": before, "after": after},
        **{
            items.title.lower().replace(" ", "_"): {
                "added": list(items.added),
                "removed": list(items.removed),
            }
            for items in configuration.items
        },
    }


def _api(found: ApiChange) -> dict[str, Any]:
    return {
        **asdict(found.change),
        "breaking": found.change.breaking,
        "recipes": list(found.recipes),
    }
