"""Files of surveys (普查成果) on their way into a register: read, checked, compared, applied.

`reading` opens any file, `mapping` names its columns, `checks` sets bad rows aside, `staging`
holds what is left, `comparing` says what it would change. Writing is `city.actions.surveys`.
"""
