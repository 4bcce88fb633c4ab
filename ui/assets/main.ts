// What every page loads.
import "./styles/main.css";
