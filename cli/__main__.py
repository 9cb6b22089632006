"""Run the command as `python -m mlxport.cli`."""

from .main import main

raise SystemExit(main())
