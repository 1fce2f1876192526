# S1 in lrstat: the fixed design at calendar year 8, three looks by events. Newer versions say `n` for `accrualDuration`,
# and use every core unless told otherwise.
# usage: Rscript lrstat.R LIBRARY_FOLDER FOLDER_OF_THIS_FILE
given <- commandArgs(TRUE)
suppressMessages(library(lrstat, lib.loc = given[1]))
source(file.path(given[2], "serve.R"))

known <- names(formals(lrsim))
version <- c(
  if ("n" %in% known) list(n = 300) else list(accrualDuration = 5),
  if ("nthreads" %in% known) list(nthreads = 1)
)
looks <- list(
  fixed = list(kMax = 1, criticalValues = 1.959964, plannedTime = 8),
  gs3 = list(kMax = 3, criticalValues = c(3.710303, 2.511427, 1.993048), plannedEvents = c(69L, 138L, 207L))
)

serve("lrstat", function(job, trials, seed) {
  common <- list(
    accrualTime = 0, accrualIntensity = 60, piecewiseSurvivalTime = 0, lambda1 = -log(0.45) / 3 * 0.7,
    lambda2 = -log(0.45) / 3, followupTime = 30, fixedFollowup = FALSE, maxNumberOfIterations = trials, seed = seed
  )
  do.call(lrsim, c(looks[[job]], common, version))$overview$overallReject
})
