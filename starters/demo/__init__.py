"""The demo: three cases climb the call centre's matrix before your eyes, and are checked."""
