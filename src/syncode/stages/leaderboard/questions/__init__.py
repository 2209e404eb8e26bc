"""Single questions: what each model made of each, how two models differ, and what each question is good for."""
