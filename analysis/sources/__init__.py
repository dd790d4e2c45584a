"""The only door to the network: `http` exchanges, and one provider a file says what is asked and how it is read."""
