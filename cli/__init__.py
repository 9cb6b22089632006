"""The command line: one parser, one error boundary."""
