"""syncode: synthesise code instructions, align code models, and judge them, as Unix filters over rows."""

__version__ = "0.1.0"
