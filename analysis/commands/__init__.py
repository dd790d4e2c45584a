"""What the verbs of the command line do; `analysis.__main__` reads the arguments and tells the time."""
