"""What keeps one installation's state: backup, restore, and the doctor that looks whether all is well."""
