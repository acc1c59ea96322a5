"""What is so or not: somebody is there, a door is open, a button is pressed."""
