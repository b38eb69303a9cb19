"""A test kit for policies: open a case, say things, let time pass, see who was told.

`desk.Desk` needs no server and no time; `server.ServerDesk` speaks to a worker that runs;
`plugin` gives pytest the fixture `desk`.
"""
