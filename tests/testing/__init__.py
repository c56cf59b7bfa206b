"""The test tools that ship with the package."""
