# Rscript trial_design.R trial_design.json
# Every entry of the output holds its own R call beside the value; package mvtnorm and base R, formulas written out.

library(mvtnorm)

entry <- function(value) {
  list(call = paste(deparse(substitute(value), width.cutoff = 500L), collapse = " "), value = value)
}

# Probability that Z, normal with mean drift * sqrt(information), stays within (low, high) at every look.
within <- function(low, high, information, drift) {
  correlation <- outer(information, information, function(a, b) sqrt(pmin(a, b) / pmax(a, b)))
  mean <- drift * sqrt(information)
  if (length(mean) == 1) return(pnorm(high - mean) - pnorm(low - mean))
  c(pmvnorm(low - mean, high - mean, corr = correlation, algorithm = Miwa(steps = 4000)))
}
# Probability of the first crossing of the upper (lower) bound at each look.
first <- function(upper, lower, information, drift, side) {
  sapply(seq_along(information), function(k) {
    before <- seq_len(k - 1)
    last <- if (side == "upper") c(upper[k], Inf) else c(-Inf, lower[k])
    within(c(lower[before], last[1]), c(upper[before], last[2]), information[1:k], drift)
  })
}
# Expected events of an arm: the integral over uniform entry.
events <- function(patients, accrual, hazard, dropout, year) {
  chance <- function(entry) hazard / (hazard + dropout) * (1 - exp(-(hazard + dropout) * (year - entry)))
  patients / accrual * integrate(chance, 0, min(year, accrual), rel.tol = 1e-12)$value
}

lan_demets <- c(3.710303, 2.511427, 1.993048)
thirds <- c(1, 2, 3) / 3
upper <- c(2.6, 2.2, 2.1, 2)
lower <- c(-1, 0.3, 0.4, 2)
uneven <- c(0.2, 0.55, 0.6, 1)

result <- list(
  lan_demets_null = entry(first(lan_demets, rep(-Inf, 3), thirds, 0, "upper")),
  lan_demets_drift = entry(first(lan_demets, rep(-Inf, 3), thirds, 2.8, "upper")),
  uneven_upper_null = entry(first(upper, lower, uneven, 0, "upper")),
  uneven_lower_null = entry(first(upper, lower, uneven, 0, "lower")),
  uneven_upper_drift = entry(first(upper, lower, uneven, 2.8, "upper")),
  uneven_lower_drift = entry(first(upper, lower, uneven, 2.8, "lower")),
  events_control_3 = entry(events(150, 5, -log(0.45) / 3, 0, 3)),
  events_experimental_8 = entry(events(150, 5, -0.7 * log(0.45) / 3, 0, 8)),
  events_dropout_3 = entry(events(200, 5, -log(0.45) / 3, 0.05, 3)),
  events_dropout_8 = entry(events(200, 5, -log(0.45) / 3, 0.05, 8))
)
writeLines(jsonlite::toJSON(result, digits = NA, auto_unbox = TRUE, pretty = TRUE), commandArgs(TRUE)[1])
