-- 一个街道补哪几项最划算？
-- Which fixes are worth most for one street?
-- What `jiedao explain --stage S1` tells as well, with the cells. Points of 100.
select
    item_zh,
    round(points / 1000.0, 3) as points,
    round(max_points / 1000.0, 3) as of_points,
    round((max_points - points) / 1000.0, 3) as to_gain,
    fail_count as failing_subjects
from marts.mart_score_line
where
    stage_code = 'S1' and unit_code = '440103005' and score_kind = 'own'
    and is_in_denominator and points < max_points
order by to_gain desc, item_code
limit 5
