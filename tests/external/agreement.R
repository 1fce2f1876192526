# Rscript agreement.R agreement.json
# Every entry of the output holds its own R call beside the value; base R alone, formulas written out.

entry <- function(value) {
  list(call = paste(deparse(substitute(value), width.cutoff = 500L), collapse = " "), value = value)
}

# Shrout and Fleiss 1979, table 2: six targets, four judges; they print ICC(2,1) = 0.29.
judges <- matrix(c(9, 2, 5, 8, 6, 1, 3, 2, 8, 4, 6, 8, 7, 1, 2, 6, 10, 5, 6, 9, 6, 2, 4, 7), ncol = 4, byrow = TRUE)
# Make-believe SIOPEN totals of two readers.
totals <- cbind(
  c(0, 0, 2, 4, 1, 28, 3, 2, 17, 34, 56, 2, 5, 0, 1, 6, 12, 4, 2, 40),
  c(0, 1, 2, 3, 1, 30, 3, 4, 15, 34, 52, 2, 6, 0, 2, 6, 14, 4, 1, 43)
)
# Make-believe grades 0 to 6 of one segment; nobody gives a 4.
first <- c(0, 0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 5, 6, 6, 0, 0, 1, 2, 3, 6)
second <- c(0, 0, 0, 1, 0, 1, 2, 2, 2, 3, 2, 6, 6, 5, 0, 0, 0, 2, 3, 6)

mean_squares <- function(ratings) {
  long <- data.frame(score = c(ratings), subject = factor(row(ratings)), rater = factor(col(ratings)))
  summary(aov(score ~ subject + rater, data = long))[[1]][["Mean Sq"]]
}
# McGraw and Wong 1996, ICC(A,1).
icc <- function(ratings, level = 0.95) {
  ms <- mean_squares(ratings)
  n <- nrow(ratings)
  k <- ncol(ratings)
  value <- (ms[1] - ms[3]) / (ms[1] + (k - 1) * ms[3] + k * (ms[2] - ms[3]) / n)
  a <- k * value / (n * (1 - value))
  b <- 1 + k * value * (n - 1) / (n * (1 - value))
  v <- (a * ms[2] + b * ms[3])^2 / ((a * ms[2])^2 / (k - 1) + (b * ms[3])^2 / ((n - 1) * (k - 1)))
  lower <- qf((1 + level) / 2, n - 1, v)
  upper <- qf((1 + level) / 2, v, n - 1)
  c(
    value,
    n * (ms[1] - lower * ms[3]) / (lower * (k * ms[2] + (k * n - k - n) * ms[3]) + n * ms[1]),
    n * (upper * ms[1] - ms[3]) / (k * ms[2] + (k * n - k - n) * ms[3] + n * upper * ms[1])
  )
}
distance <- function(power) abs(outer(0:6, 0:6, "-"))^power
kappa <- function(a, b, power) {
  observed <- table(factor(a, 0:6), factor(b, 0:6)) / length(a)
  expected <- outer(rowSums(observed), colSums(observed))
  1 - sum(distance(power) * observed) / sum(distance(power) * expected)
}
ac2 <- function(a, b) {
  observed <- table(factor(a, 0:6), factor(b, 0:6)) / length(a)
  weights <- 1 - distance(2) / 36
  prevalence <- (rowSums(observed) + colSums(observed)) / 2
  chance <- sum(weights) / (7 * 6) * sum(prevalence * (1 - prevalence))
  (sum(weights * observed) - chance) / (1 - chance)
}
bland_altman <- function(a, b) c(mean(a - b), sd(a - b), mean(a - b) - 1.96 * sd(a - b), mean(a - b) + 1.96 * sd(a - b))
exact <- function(count, total, level = 0.95) c(binom.test(count, total, conf.level = level)$conf.int)
score <- function(count, total, level = 0.95) {
  c(suppressWarnings(prop.test(count, total, conf.level = level, correct = FALSE))$conf.int)
}

result <- list(
  judges = judges,
  totals = totals,
  first = first,
  second = second,
  entries = list(
    icc.judges = entry(icc(judges)),
    icc.totals = entry(icc(totals)),
    icc.totals.90 = entry(icc(totals, 0.9)),
    kappa.quadratic = entry(kappa(first, second, 2)),
    kappa.linear = entry(kappa(first, second, 1)),
    ac2 = entry(ac2(first, second)),
    bland_altman = entry(bland_altman(totals[, 1], totals[, 2])),
    exact = entry(list(exact(30, 201), exact(7, 24), exact(4, 30), exact(0, 7), exact(11, 30, 0.9))),
    score = entry(list(score(30, 201), score(7, 24), score(4, 30), score(0, 7), score(11, 30, 0.9)))
  )
)
jsonlite::write_json(
  result, commandArgs(trailingOnly = TRUE)[1],
  auto_unbox = TRUE, digits = NA, na = "null", pretty = TRUE
)
