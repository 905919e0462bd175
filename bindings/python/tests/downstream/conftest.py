"""What is not collected here: the apps' own checks, which run in the apps' own environments."""

collect_ignore = ["apps"]
