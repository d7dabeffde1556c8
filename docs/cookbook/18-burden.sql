-- 报表要填多少格？其中多少已经预填？
-- How many cells does a report ask for, and how many of them are prefilled?
select
    unit_level,
    period,
    count(*) as units,
    cast(median(asked_count) as integer) as median_cells,
    cast(median(asked_count - prefilled_count) as integer) as median_cells_to_type,
    round(100.0 * sum(prefilled_count) / sum(asked_count), 1) as prefilled_pct
from marts.mart_burden
where asked_count is not null
group by unit_level, period
order by unit_level, period
