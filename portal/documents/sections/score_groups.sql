-- What each group of the paper gives a unit in a stage, capped and vetoed as it counts; thousandths of a point.
-- Names and order are in `score_items`.
select
    unit_code,
    stage_code as stage,
    score_kind as kind,
    list(group_code order by group_code) as "group",
    list(points order by group_code) as points,
    list(max_points order by group_code) as max_points,
    list(group_code order by group_code) filter (where is_vetoed) as vetoed
from assessment.fct_group_score
group by unit_code, stage_code, score_kind
order by unit_code, stage, kind
