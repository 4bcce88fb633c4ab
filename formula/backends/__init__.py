"""One typed tree, three back ends: Python, SQL, JavaScript."""
