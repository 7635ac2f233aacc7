"""Voice agents as code: specs in git are planned against, and applied to, the live agents."""

__version__ = "0.1.0"
