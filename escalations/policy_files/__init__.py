"""How a policy file is read: YAML with places, and every mistake of it in words.

`policy_file` is the way in.
"""
