"""What `make bench` runs: the load of a large file, beside plain COPY of the same file."""
