"""The manners of the command line; every command is built on them, and they know none of ours."""
