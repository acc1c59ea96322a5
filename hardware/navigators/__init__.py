"""Keys for people who do not see the screen, and the jack beside them."""
