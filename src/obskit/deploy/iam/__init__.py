"""
IAM policies for whoever works with obskit, each with what is needed and nothing else.

`rights` is what a policy is made of, `everything` the table of what cannot be bounded, with reasons. `deploy_job`,
`layer_job` and `reader` are who needs what; `roles` knows all of them by name, those of rendered functions, too.
"""
