"""What the office keeps on record: one module per area of the business, tables and nothing else."""
