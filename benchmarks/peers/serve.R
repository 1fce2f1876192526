# The R side of serve.py: announce, then answer lines "job trials seed threads". `run(job, trials, seed)` returns the power.
serve <- function(package, run) {
  cat(sprintf('@@ {"name": "%s", "version": "%s"}\n', package, as.character(packageVersion(package))))
  input <- file("stdin", open = "r")
  while (length(line <- readLines(input, n = 1)) > 0) {
    asked <- strsplit(line, " ")[[1]]
    trials <- as.integer(asked[2])
    took <- system.time(power <- run(asked[1], trials, as.integer(asked[3])))
    cat(sprintf(
      '@@ {"trials": %d, "cpu": %.3f, "wall": %.3f, "power": %.6f}\n',
      trials, took[["user.self"]] + took[["sys.self"]], took[["elapsed"]], power
    ))
  }
}
