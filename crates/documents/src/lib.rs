//! Text from PDF, DOCX, HTML and CSV files, parsed in a child process with limits.
