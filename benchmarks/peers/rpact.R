# S1 in rpact. The fixed design is the one with 207 events: rpact cuts by events only. Arrivals are evenly spaced there.
# usage: Rscript rpact.R LIBRARY_FOLDER FOLDER_OF_THIS_FILE
given <- commandArgs(TRUE)
suppressMessages(library(rpact, lib.loc = given[1]))
source(file.path(given[2], "serve.R"))

events <- list(fixed = 207, gs3 = c(69, 138, 207))
designs <- list(
  fixed = getDesignGroupSequential(kMax = 1, alpha = 0.025, sided = 1),
  gs3 = getDesignGroupSequential(kMax = 3, alpha = 0.025, sided = 1, typeOfDesign = "asOF")
)

serve("rpact", function(job, trials, seed) {
  getSimulationSurvival(
    design = designs[[job]], lambda2 = -log(0.45) / 3, hazardRatio = 0.7, directionUpper = FALSE,
    plannedEvents = events[[job]], maxNumberOfSubjects = 300, accrualTime = c(0, 5),
    maxNumberOfIterations = trials, seed = seed
  )$overallReject
})
