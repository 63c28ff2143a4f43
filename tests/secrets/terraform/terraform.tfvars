secret  = "hush7c1e"
secrets = { a = "hush7c1e", b = "hush7c1e" }
passing = "hush7c1e"
