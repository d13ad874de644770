pytest_plugins = ["pytester", "tests.parts"]
