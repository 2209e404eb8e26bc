"""Two-stage full fine-tuning through DeepSpeed; torch is imported in this package only."""
