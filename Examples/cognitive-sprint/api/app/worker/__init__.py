"""The summariser: writes a summary of each finished sprint."""
