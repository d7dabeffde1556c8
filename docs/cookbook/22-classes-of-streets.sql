-- 三类街道的得分相差多少？
-- How do the classes of streets compare?
-- Streets that reported in every quarter.
select
    street_class,
    count(*) as streets,
    round(avg(score) / 1000.0, 1) as mean_score,
    round(min(score) / 1000.0, 1) as lowest,
    round(max(score) / 1000.0, 1) as highest,
    round(avg(superior_score) / 1000.0, 1) as mean_of_what_it_is_owed
from marts.mart_stage_score
where stage_code = 'S1' and unit_level = 'street' and reported_count = expected_count
group by street_class
order by mean_score desc, street_class
