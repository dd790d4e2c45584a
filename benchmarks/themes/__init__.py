"""Our themes beside other people's, on the same vectors: `make bench-themes`.

`task` is what a method gets and gives back, `methods_ours` and `methods_peers` run in environments of their own,
`runs` starts them and keeps what they gave, `measures` and `naming` judge all of them alike, `floors` and `report`
say what came out.
"""
