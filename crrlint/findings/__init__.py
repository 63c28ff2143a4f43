"""What rules on permissions and keys share: which finding, where, with what evidence."""
