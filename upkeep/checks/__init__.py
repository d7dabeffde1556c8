"""What the doctor looks at: the machine, the ledger, the files, the published warehouse. Each check changes nothing."""
