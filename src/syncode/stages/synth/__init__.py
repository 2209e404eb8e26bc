"""Documents in, samples out: the document method of SynCode-Instruct (arXiv 2412.05210, section 3).

A model writes a *new* question inspired by each document, answers it several times, and picks the best answer; where the
document was labelled algorithmic, it also writes tests, which `syncode execute` runs later. Everything that was generated
stays in `evidence`.
"""
