"""What people look at: tables, and the pages that work offline; one section for each command that shows something."""
