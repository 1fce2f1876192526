# Rscript survival.R cohort.csv survival.json
# Every entry of the output holds its own R call beside the value.
library(survival)

arguments <- commandArgs(trailingOnly = TRUE)
cohort <- read.csv(arguments[1])
oligo <- subset(cohort, group == "oligo")
more <- subset(cohort, group == "more")
days <- c(0, 15, 30, 90, 180, 365, 720, 1095, 1800, 2700, 4000)

entry <- function(value) {
  list(call = paste(deparse(substitute(value), width.cutoff = 500L), collapse = " "), value = value)
}
curve <- function(data, conf.type) survfit(Surv(time, event) ~ 1, data = data, conf.type = conf.type)
reverse <- function(data) survfit(Surv(time, 1 - event) ~ 1, data = data, conf.type = "log-log")
states <- function(data) {
  survfit(Surv(time, factor(cause, 0:3)) ~ 1, data = data, conf.type = "log-log")
}
at_days <- function(fit) {
  unclass(summary(fit, times = days, extend = TRUE))[c("time", "n.risk", "surv", "std.err", "lower", "upper")]
}
incidence_at_days <- function(fit) {
  at <- unclass(summary(fit, times = days, extend = TRUE))
  lapply(at[c("pstate", "std.err", "lower", "upper")], function(part) part[, -1])
}
table_of <- function(fit, until) unname(summary(fit, rmean = until)$table[c("rmean", "se(rmean)", "median", "0.95LCL", "0.95UCL")])
difference <- function(fit) {
  list(observed = fit$obs, expected = fit$exp, chi_squared = fit$chisq, p = fit$pvalue)
}

result <- list(
  patients = nrow(cohort),
  sum_of_days = sum(cohort$time),
  days = days,
  entries = list(
    curve.all = entry(at_days(curve(cohort, "log-log"))),
    curve.oligo = entry(at_days(curve(oligo, "log-log"))),
    curve.more = entry(at_days(curve(more, "log-log"))),
    curve.more.log = entry(at_days(curve(more, "log"))),
    curve.more.plain = entry(at_days(curve(more, "plain"))),
    table.all = entry(table_of(curve(cohort, "log-log"), 1000)),
    table.oligo = entry(table_of(curve(oligo, "log-log"), 5000)),
    table.more = entry(table_of(curve(more, "log-log"), 730)),
    table.more.log = entry(table_of(curve(more, "log"), 730)),
    table.step = entry(table_of(survfit(Surv(1:4, rep(1, 4)) ~ 1, conf.type = "log-log"), 4)),
    quartiles.all = entry(lapply(quantile(curve(cohort, "log-log"), c(0.25, 0.75)), unname)),
    reverse.all = entry(lapply(quantile(reverse(cohort), c(0.25, 0.5, 0.75)), unname)),
    reverse.more = entry(lapply(quantile(reverse(more), c(0.25, 0.5, 0.75)), unname)),
    log_rank.group = entry(difference(survdiff(Surv(time, event) ~ group, data = cohort))),
    log_rank.centre = entry(difference(survdiff(Surv(time, event) ~ centre, data = cohort))),
    incidence.all = entry(incidence_at_days(states(cohort))),
    incidence.oligo = entry(incidence_at_days(states(oligo))),
    cuminc.all = entry(unname(cmprsk::timepoints(cmprsk::cuminc(cohort$time, cohort$cause), days)$est))
  )
)
jsonlite::write_json(result, arguments[2], auto_unbox = TRUE, digits = NA, na = "null", pretty = TRUE)
