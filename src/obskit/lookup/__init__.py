"""One request after the fact: its spans over all links, from X-Ray, and its log lines, from CloudWatch or files."""
