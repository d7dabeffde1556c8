{#-
  Key of a thing that reports name again and again: its credit code when it has one, else the street and the name. A
  name alone is never a key across streets. Names are landed without outer spaces and in one width.
-#}
{% macro thing_key(unit_code, name, uscc='null') -%}
    coalesce(
        {{ uscc }},
        concat({{ unit_code }}, '|', lower(replace({{ name }}, ' ', '')))
    )
{%- endmacro %}

{#- Number of the claim on a thing: of its kind, a word or a column, and its key. -#}
{% macro claim_id(kind, thing_key) -%}
    {{ text_hash("concat(" ~ kind ~ ", '|', " ~ thing_key ~ ")") }}
{%- endmacro %}
