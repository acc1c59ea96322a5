"""What can be asked at the console; every answer is made of the asking user's own rows."""
