# Rscript export_public_data.R folder
# Public data sets of real patients, written for one test run only: they are never committed.
library(survival)

folder <- commandArgs(trailingOnly = TRUE)[1]
save <- function(data, name) write.csv(data, file.path(folder, paste0(name, ".csv")), row.names = FALSE, na = "")

save(with(lung, data.frame(time, event = status - 1, group = sex)), "lung")
save(with(veteran, data.frame(time, event = status, group = trt)), "veteran")
save(with(subset(colon, etype == 1), data.frame(time, event = status, group = rx)), "colon_recurrence")
save(with(subset(colon, etype == 2), data.frame(time, event = status, group = rx)), "colon_death")
# The vignette "compete" of survival: progression to plasma cell malignancy (1) or death before it (2), in months.
save(with(mgus2, data.frame(time = ifelse(pstat == 0, futime, ptime), cause = ifelse(pstat == 0, 2 * death, 1))), "mgus2")
save(with(MASS::gehan, data.frame(time, event = cens, group = treat)), "freireich")
