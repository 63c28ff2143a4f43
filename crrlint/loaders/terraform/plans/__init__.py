"""What a plan as JSON holds, and how what it leaves open is found."""
