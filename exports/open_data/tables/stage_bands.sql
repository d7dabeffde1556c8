-- Band of each street in a stage that ends with the period and is no longer provisional.
select
    scores.unit_code,
    scores.stage_code as item,
    coalesce(scores.band_code, 'no_band') as category
from warehouse.marts.mart_stage_score as scores
inner join warehouse.rulebook.stages as stages
    on scores.stage_code = stages.stage_code and stages.last_period = $period
where scores.unit_level = 'street' and not scores.is_provisional
