-- Streets on the roster of the period, with their place and the class that their committee gave them in its stage.
select
    roster.unit_code,
    roster.province_code,
    roster.province_name,
    roster.city_code,
    roster.city_name,
    roster.district_code,
    roster.district_name,
    coalesce(scores.street_class, '') as street_class
from warehouse.core.dim_roster as roster
left join warehouse.rulebook.stages as stages on roster.period between stages.first_period and stages.last_period
left join warehouse.marts.mart_stage_score as scores
    on stages.stage_code = scores.stage_code and roster.unit_code = scores.unit_code
where roster.unit_level = 'street' and roster.period = $period
order by roster.unit_code
