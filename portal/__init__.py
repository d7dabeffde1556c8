"""What officials and streets look at in a browser or on paper, rendered from the published marts."""
